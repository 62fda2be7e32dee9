// On a score sheet: how many criteria are done, as one writes, and whether what is written is saved.
export function followScores(page) {
  const form = page.querySelector("form[data-scores]");
  if (!form) return;
  const sections = [...form.querySelectorAll(".g-criterion")];
  const isDone = (section) => section.querySelector("input:checked") && section.querySelector("textarea").value.trim();
  const tell = () => {
    const done = sections.filter(isDone).length;
    const line = page.querySelector("#scores progress");
    line.value = done;
    line.nextElementSibling.textContent = `${done} of ${sections.length} criteria have a score and a reason`;
    for (const place of page.querySelectorAll("[data-done]")) place.textContent = done;
  };
  const unsaved = () => (form.querySelector(".g-saved").textContent = "You have changes that are not saved.");
  form.addEventListener("input", tell);
  form.addEventListener("input", unsaved, { once: true });
  tell();
}
