"""What is done to accounts and organisations."""

from __future__ import annotations

from grants.foundation.records.acts import Act


class AccountAct(Act):
    """What is done to accounts and organisations."""

    REGISTER = "register", "Registered"
    REGISTER_AGAIN = "register again", "Tried to register again"
    CONFIRM_EMAIL = "confirm e-mail", "Confirmed their e-mail address"
    ASK_FOR_A_NEW_PASSWORD = "ask for a new password", "Asked for a new password"
    RESET_PASSWORD = "reset password", "Set a new password"
    CHANGE_PASSWORD = "change password", "Changed their password"
    END_OTHER_SESSIONS = "end other sessions", "Signed out everywhere else"
    END_SESSION = "end session", "Signed out somewhere else"
    ASK_TO_CHANGE_EMAIL = "ask to change e-mail", "Asked to change their e-mail address"
    MAKE_ORGANISATION = "make organisation", "Entered the organisation"
    CHANGE_ORGANISATION = "change organisation", "Changed the details of the organisation"
    ADD_MEMBER = "add member", "Joined the organisation"
    INVITE = "invite", "Invited somebody to the organisation"
    UNDO_INVITATION = "undo invitation", "Took an invitation back"
    MAKE_ACCOUNT = "make account", "Made the account"
    CHANGE_NAME = "change name", "Changed their name"
    GRANT_ROLE = "grant role", "Gave a role"
    REVOKE_ROLE = "revoke role", "Took a role away"
    CLOSE_ACCOUNT = "close account", "Closed the account"
    OPEN_ACCOUNT = "open account", "Opened the account again"
    SIGN_IN = "sign in", "Signed in"
    SIGN_OUT = "sign out", "Signed out"
    SET_UP_APP = "set up authenticator app", "Set up an authenticator app"
    REMOVE_APP = "remove authenticator app", "Took the authenticator app away"
    ADD_PASSKEY = "add passkey", "Added a passkey"
    REMOVE_PASSKEY = "remove passkey", "Took a passkey away"
    MAKE_RECOVERY_CODES = "make recovery codes", "Made new recovery codes"
    USE_RECOVERY_CODE = "use recovery code", "Used a recovery code"
    PROVE_AGAIN = "prove again", "Proved again that it was them"
    RESET_SECOND_STEP = "reset second step", "Took the second step of signing in away"
    FAIL_SECOND_STEP = "fail second step", "A second step of signing in failed"
    FAIL_TO_SIGN_IN = "fail to sign in", "A sign-in failed"
    GIVE_WRONG_PASSWORD = "give wrong password", "Gave a wrong password where it is asked for again"
    LOCK_OUT = "lock out", "Nobody can try for a while: there were too many failures"
