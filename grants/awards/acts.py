"""What is decided, and what is done to awards and their offers."""

from __future__ import annotations

from grants.foundation.records.acts import GIVES, Act


class AwardAct(Act):
    """What is decided, and what is done to awards and their offers."""

    DECIDE = "decide", "Decided it"
    SIGN_DECISION_NOTICE = "sign decision notice", "Signed the decision notice"
    ENTER_AWARD = "enter award", "Entered the award in the ledger"
    IMPORT_AWARDS = "import awards", "Took in past awards from a file"
    OFFER_AWARD = "offer award", "Offered the award to the group"
    OFFER_AGAIN_AWARD = "offer again award", "Offered the award again"
    EXTEND_OFFER = "extend offer", "Gave the group more time to accept"
    ACCEPT_OFFER = "accept offer", "Accepted the offer"
    DECLINE_OFFER = "decline offer", "Declined the offer"
    LAPSE_OFFER = "lapse offer", "Let the offer lapse"
    VARY_AWARD = "vary award", "Changed the amount of the award"
    ASK_FOR_VARIATION = "ask for variation", "Asked for a change of the award"
    DECLINE_VARIATION_REQUEST = "decline variation request", "Answered that the award stays as it is"
    TAKE_BACK_VARIATION_REQUEST = "take back variation request", "Took the request for a change back"
    REOPEN_VARIATION_REQUEST = "reopen variation request", "Opened the request for a change again"
    BEGIN_VARIATION = "begin variation", "Began a variation of the award"
    APPROVE_VARIATION = "approve variation", "Approved the variation"
    REFUSE_VARIATION = "refuse variation", "Refused the variation"
    TAKE_BACK_VARIATION = "take back variation", "Took the variation back"
    AGREE_TO_VARIATION = "agree to variation", "Agreed to the variation"
    WITHDRAW_AWARD = "withdraw award", "Withdrew the award"
    REINSTATE_AWARD = "reinstate award", "Took the withdrawal back"
    CORRECT_AMOUNT = "correct amount", "Corrected the amount"
    CORRECT_AWARD_DATE = "correct award date", "Corrected the day of the award"
    CORRECT_RECORDING = "correct recording", "Corrected when it was recorded"
    REVERSE_RETURNS = "reverse returns", "Took back what was recorded as returned"
    CHANGE_AWARD = "change award", "Changed what the award is"
    RECORD_REPAYMENT = "record repayment", "Recorded that money came back"
    RECORD_RECOVERY = "record recovery", "Recorded that money was recovered"
    COMMIT_TO_PAYMENT = "commit to payment", "Committed an amount to a payment"
    RELEASE_FROM_PAYMENT = "release from payment", "Released an amount from a payment"
    RECORD_PAYMENT = "record payment", "Recorded the payment"
    REVERSE_PAYMENT = "reverse payment", "Took the payment back"
    COMPLETE_AWARD = "complete award", "Completed the award"
    DOWNLOAD_AGREEMENT = "download agreement", "Downloaded the agreement as a PDF", *GIVES
    DOWNLOAD_AGREED_VARIATION = (
        "download agreed variation",
        "Downloaded the agreement to a variation as a PDF",
        *GIVES,
    )
