// Everything works without this; it adds what a page alone cannot do.
import { initAll } from "./govuk-frontend.js";
import { keepOnce } from "./once.js";
import { usePasskeys } from "./passkeys.js";
import { moveThroughRows } from "./rows.js";
import { followScores } from "./scores.js";
import { addUp } from "./total.js";

initAll();
moveThroughRows(document);
followScores(document);
addUp(document);
usePasskeys(document);
keepOnce(document);
