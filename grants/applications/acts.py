"""What is done to applications, and to a round at its end."""

from __future__ import annotations

from grants.foundation.records.acts import GIVES, Act

_SAVES = "Wrote the application"


class ApplicationAct(Act):
    """What is done to applications, and to a round at its end."""

    START_APPLICATION = "start application", "Started the application"
    SUBMIT_APPLICATION = "submit application", "Submitted the application"
    WITHDRAW_APPLICATION = "withdraw application", "Withdrew the application"
    SAVE_PROJECT = "save project", "Wrote the project", _SAVES
    SAVE_DATES = "save dates", "Wrote the dates", _SAVES
    SAVE_PEOPLE = "save people", "Wrote about the people", _SAVES
    SAVE_AIMS = "save aims", "Wrote the aims", _SAVES
    SAVE_BUDGET = "save budget", "Wrote the budget", _SAVES
    SAVE_ANSWER = "save answer", "Answered a question", _SAVES, True
    ASK_THE_GROUP = "ask the group", "Asked the group a question"
    ANSWER_THE_OFFICE = "answer the office", "Answered the office’s question"
    COMPLETE_ROUND = "complete round", "Completed the round"
    DOWNLOAD_APPLICATION = "download application", "Downloaded the application as a PDF", *GIVES
    EXPORT_APPLICATIONS = "export applications", "Exported the list of applications", *GIVES
