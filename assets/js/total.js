// Beside the button of a new batch: how many lines are ticked, and what they come to, as one ticks and writes.
export function addUp(page) {
  for (const form of page.querySelectorAll("form[data-adds-up]")) {
    const tell = () => {
      const ticked = [...form.querySelectorAll("tbody tr")].filter((row) => row.querySelector("input:checked"));
      const amounts = ticked.map((row) => pence(row.querySelector("input[inputmode]").value));
      const unread = amounts.filter((amount) => amount === null).length;
      const sum = amounts.reduce((total, amount) => total + (amount ?? 0), 0);
      form.querySelector("output").textContent =
        `${many(ticked.length, "payment")}, ${pounds(sum)} in total` +
        (unread ? `, without ${many(unread, "amount")} that cannot be read` : "");
    };
    form.addEventListener("input", tell);
    tell();
  }
}

const many = (count, thing) => `${count.toLocaleString("en-GB")}\u00a0${thing}${count === 1 ? "" : "s"}`;

const pounds = (pence) => (pence / 100).toLocaleString("en-GB", { style: "currency", currency: "GBP" });

// As the server reads what is typed: £3,400, 3 400 or 3400.50.
function pence(text) {
  const tidy = text.replace(/\s+/g, " ").trim().replace(/^£ ?/, "");
  return /^(\d{1,3}([ ,]\d{3})+|\d+)(\.\d{1,2})?$/.test(tidy) ? Math.round(Number(tidy.replace(/[ ,]/g, "")) * 100) : null;
}
