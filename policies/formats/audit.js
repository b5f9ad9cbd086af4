// Narrows what the page shows. Nothing here adds or fetches anything; without it, all is shown.
"use strict";
(() => {
  const bar = document.getElementById("filter");
  const query = document.getElementById("query");
  const choices = [...bar.querySelectorAll("select")];
  const count = document.getElementById("count");
  const rows = [...document.querySelectorAll("[data-find]")];
  const blocks = [...document.querySelectorAll("[data-holds]")].reverse(); // inner ones first
  const words = new Map();
  const said = (row) => {
    if (!words.has(row)) {
      const rule = row.closest(".rule");
      const head = rule ? [...rule.children].slice(0, -1).map((part) => part.textContent).join(" ") : "";
      words.set(row, `${head} ${row.textContent}`.toLowerCase());
    }
    return words.get(row);
  };
  const narrow = () => {
    const wanted = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = choices.filter((choice) => choice.value);
    let shown = 0;
    for (const row of rows) {
      const kept = (!row.dataset.result || chosen.every((choice) => row.dataset[choice.name] === choice.value))
        && wanted.every((word) => said(row).includes(word));
      row.hidden = !kept;
      if (kept && row.dataset.result) shown += 1;
    }
    for (const block of blocks) block.hidden = !block.querySelector("[data-find]:not([hidden])");
    const all = rows.filter((row) => row.dataset.result).length;
    count.textContent = `显示 ${shown} / ${all} 个问题 · ${shown} of ${all} findings shown`;
  };
  for (const event of ["input", "change"]) bar.addEventListener(event, narrow);
  document.getElementById("all").addEventListener("click", () => {
    for (const field of [query, ...choices]) field.value = "";
    narrow();
  });
  bar.hidden = false;
  narrow();
})();
