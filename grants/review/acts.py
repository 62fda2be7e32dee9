"""What is done in review."""

from __future__ import annotations

from grants.foundation.records.acts import GIVES, Act


class ReviewAct(Act):
    """What is done in review."""

    CHECK_APPLICATION = "check application", "Checked it against the rules of the round"
    DECLARE_INTEREST = "declare interest", "Said whether they have an interest"
    SAVE_SCORES = "save scores", "Wrote scores", "Wrote scores, not yet locked"
    LOCK_SCORES = "lock scores", "Locked their scores"
    DRAFT_RECOMMENDATIONS = "draft recommendations", "Drafted recommendations"
    RECOMMEND = "recommend", "Recommended it to the decision maker"
    RECOMMEND_TOGETHER = "recommend together", "Recommended several applications together"
    EXPORT_RANKING = "export ranking", "Exported the ranking of a round", *GIVES
    EXPORT_SCORES = "export scores", "Exported the scores of a round", *GIVES
