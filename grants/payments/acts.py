"""What is done to bank details and payments."""

from __future__ import annotations

from grants.foundation.records.acts import GIVES, Act


class PaymentAct(Act):
    """What is done to bank details and payments."""

    GIVE_BANK_DETAILS = "give bank details", "Gave bank details"
    ASK_FOR_CHANGE_OF_BANK_DETAILS = "ask for change of bank details", "Gave other bank details"
    GIVE_PROOF_OF_BANK_DETAILS = "give proof of bank details", "Gave proof of the bank details"
    SHOW_BANK_DETAILS = "show bank details", "Had the bank details shown"
    OPEN_PROOF_OF_BANK_DETAILS = "open proof of bank details", "Opened the proof of the bank details"
    VERIFY_BANK_DETAILS = "verify bank details", "Verified the bank details"
    REFUSE_BANK_DETAILS = "refuse bank details", "Refused the bank details"
    SEAL_BANK_DETAILS_ANEW = "seal bank details anew", "Sealed all bank details anew"
    TAKE_AWARDS = "take awards", "Took new and changed awards for the finance system"
    PREPARE_BATCH = "prepare batch", "Prepared the batch"
    APPROVE_BATCH = "approve batch", "Approved the batch"
    DOWNLOAD_PAYMENT_FILE_XLSX = "download payment file (xlsx)", "Downloaded the payment file (XLSX)"
    DOWNLOAD_PAYMENT_FILE_CSV = "download payment file (csv)", "Downloaded the payment file (CSV)"
    CANCEL_BATCH = "cancel batch", "Cancelled the batch"
    BLOCK_BANK_DETAILS = "block bank details", "Blocked the bank details"
    UNBLOCK_BANK_DETAILS = "unblock bank details", "Took the block off the bank details"
    TAKE_IN_RETURN_FILE = "take in return file", "Took in a return file of the bank"
    DOWNLOAD_RETURN_FILE = "download return file", "Downloaded a return file of the bank"
    SET_RETURN_WORDS = "set words of return files", "Set what finance calls things in its return files"
    RECONCILE_BATCH = "reconcile batch", "Found the batch reconciled"
    REOPEN_BATCH = "reopen batch", "Opened the batch again: a payment of it waits"
    RECORD_BOUNCE = "record bounce", "Recorded that a payment came back"
    RECORD_WRONG_LINE = "record wrong line", "Recorded that a line of a return file was wrong"
    APPROVE_REVERSAL = "approve reversal", "Approved that the payment is put right"
    REFUSE_REVERSAL = "refuse reversal", "Refused to put the payment right"
    EXPORT_AWARDS = "export awards", "Exported finance’s list of awards", *GIVES
    EXPORT_PAYMENTS = "export payments", "Exported the list of payments", *GIVES
