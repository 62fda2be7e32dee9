"""What is done to funds, plans and rounds."""

from __future__ import annotations

from grants.foundation.records.acts import Act


class FundAct(Act):
    """What is done to funds, plans and rounds."""

    MAKE_FUND = "make fund", "Made the fund"
    MAKE_PLAN = "make plan", "Made the plan"
    MAKE_ROUND = "make round", "Made the round"
    ADD_QUESTION = "add question", "Added a question to the round"
    ADD_ELIGIBILITY_QUESTION = "add eligibility question", "Added an eligibility question to the round"
    ADD_CRITERION = "add criterion", "Added a criterion to the round"
    OPEN_ROUND = "open round", "Opened the round"
    CLOSE_ROUND = "close round", "Closed the round"
    IMPORT_REFERENCE = "import reference", "Took in funds, districts, topics and rounds from files"
    CORRECT_REFERENCE = "correct reference", "Corrected what files say of a fund, district, topic or round"
