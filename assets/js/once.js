// What is shown once, like recovery codes: a button prints it, and a reload of the page leads on in place of asking to send it again.
export function keepOnce(page) {
  const shown = page.querySelector("[data-shown-once]");
  if (!shown) return;
  history.replaceState(null, "", shown.dataset.shownOnce);
  const line = page.querySelector("[data-for-scripts]");
  line.hidden = false;
  line.querySelector("button").addEventListener("click", () => window.print());
}
