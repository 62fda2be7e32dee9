// In a table with data-rows, the up and down arrows go from a row's link to the one in the next row.
export function moveThroughRows(page) {
  for (const table of page.querySelectorAll("table[data-rows]")) {
    table.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const row = event.target.closest("tbody tr");
      if (!step || !row || event.target.matches("input, select, textarea")) return;
      const links = [...row.querySelectorAll("a, button")];
      const place = links.indexOf(event.target);
      const rows = [...row.parentElement.rows];
      for (let at = rows.indexOf(row) + step; at >= 0 && at < rows.length; at += step) {
        const found = rows[at].querySelectorAll("a, button");
        if (found.length) {
          found[Math.max(0, Math.min(place, found.length - 1))].focus();
          event.preventDefault();
          return;
        }
      }
    });
  }
}
