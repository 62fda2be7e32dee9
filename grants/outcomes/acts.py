"""What is done to reports."""

from __future__ import annotations

from grants.foundation.records.acts import GIVES, Act

_SAVES = "Wrote the report"


class OutcomeAct(Act):
    """What is done to reports."""

    OPEN_REPORT = "open report", "Began the report"
    SAVE_PEOPLE_OF_REPORT = "save people of report", "Wrote whom it helped", _SAVES
    SAVE_DIFFERENCE_OF_REPORT = "save difference of report", "Wrote what difference it made", _SAVES
    SAVE_SPENDING_OF_REPORT = "save spending of report", "Wrote what was spent", _SAVES
    SAVE_STORY_OF_REPORT = "save story of report", "Wrote its story", _SAVES
    SUBMIT_REPORT = "submit report", "Sent the report"
    RETURN_REPORT = "return report", "Asked for changes of the report"
    ACCEPT_REPORT = "accept report", "Accepted the report"
    EXTEND_REPORT = "extend report", "Gave more time for the report"
    SETTLE_REPORT = "settle report", "Held the repayment against the report"
    WAIVE_REPAYMENT = "waive repayment", "Let the group keep what was left"
    CLOSE_REPORT = "close report", "Found nothing left to do"
    DOWNLOAD_REPORT = "download report", "Downloaded a report as a PDF", *GIVES
    EXPORT_REPORTS = "export reports", "Exported the list of reports", *GIVES
