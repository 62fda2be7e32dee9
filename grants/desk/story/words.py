"""The verbs of the audit trail as a story tells them."""

from __future__ import annotations

WORDS = {
    "start application": "Started the application",
    "submit application": "Submitted the application",
    "withdraw application": "Withdrew the application",
    "ask the group": "Asked the group a question",
    "answer the office": "Answered the office’s question",
    "check application": "Checked it against the rules of the round",
    "declare interest": "Said whether they have an interest",
    "lock scores": "Locked their scores",
    "recommend": "Recommended it to the decision maker",
    "decide": "Decided it",
    "sign decision notice": "Signed the decision notice",
    "enter award": "Entered the award in the ledger",
    "offer award": "Offered the award to the group",
    "offer again award": "Offered the award again",
    "extend offer": "Gave the group more time to accept",
    "accept offer": "Accepted the offer",
    "decline offer": "Declined the offer",
    "lapse offer": "Let the offer lapse",
    "vary award": "Changed the amount of the award",
    "withdraw award": "Withdrew the award",
    "reinstate award": "Took the withdrawal back",
    "correct amount": "Corrected the amount",
    "change award": "Changed what the award is",
    "record repayment": "Recorded that money came back",
    "record recovery": "Recorded that money was recovered",
    "commit to payment": "Committed an amount to a payment",
    "release from payment": "Released an amount from a payment",
    "record payment": "Recorded the payment",
    "give bank details": "Gave bank details",
    "ask for change of bank details": "Asked for other bank details",
    "give proof of bank details": "Gave proof of the bank details",
    "show bank details": "Had the bank details shown",
    "open proof of bank details": "Opened the proof of the bank details",
    "verify bank details": "Verified the bank details",
    "refuse bank details": "Refused the bank details",
    "prepare batch": "Prepared the batch",
    "approve batch": "Approved the batch",
    "download payment file (xlsx)": "Downloaded the payment file (XLSX)",
    "download payment file (csv)": "Downloaded the payment file (CSV)",
    "cancel batch": "Cancelled the batch",
    "take in return file": "Took in a return file of the bank",
    "reconcile batch": "Found the batch reconciled",
    "open report": "Began the report",
    "submit report": "Sent the report",
    "return report": "Asked for changes of the report",
    "accept report": "Accepted the report",
    "extend report": "Gave more time for the report",
    "settle report": "Held the repayment against the report",
    "waive repayment": "Let the group keep what was left",
    "close report": "Found nothing left to do",
    "complete award": "Completed the award",
}
"""What stands in a story for a verb. One that is not here stands as it is in the trail."""

SAID = {
    ("check application", "status", "eligible"): "It may go on to the panel.",
    ("check application", "status", "ineligible"): "It is not eligible.",
    ("declare interest", "has_conflict", "True"): "They have an interest: it stays closed to them.",
    ("declare interest", "has_conflict", "False"): "They have none.",
    ("decide", "outcome", "approved"): "Approved",
    ("decide", "outcome", "declined"): "Declined",
}
"""What a deed came to, by its verb, a value that was changed, and what it was changed to."""

WRITING = {
    "save scores": "Wrote scores, not yet locked",
    "save": "Wrote the application",
    "save report": "Wrote the report",
}
"""What stands for a run of saves by one person."""


def told(verb: str) -> str:
    """A verb of the trail as a story tells it.

    >>> told("lock scores"), told("do something new")
    ('Locked their scores', 'Do something new')
    """
    return WORDS.get(verb) or verb[:1].upper() + verb[1:]


def run_of(verb: str) -> str:
    """Which run of saves a verb belongs to, or "".

    >>> run_of("save budget"), run_of("save people of report"), run_of("save scores"), run_of("decide")
    ('save', 'save report', 'save scores', '')
    """
    if not verb.startswith("save "):
        return ""
    if verb in WRITING:
        return verb
    return "save report" if verb.endswith(" of report") else "save"
