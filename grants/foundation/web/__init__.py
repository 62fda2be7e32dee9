"""What pages are made of: fields, forms, lists, templates, errors and their protection."""
