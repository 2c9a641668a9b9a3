// The search page's facets are replaced with every answer: what the reader unfolded stays unfolded.
// The form itself is sent by page.js (data-applies-itself) and htmx; without either it is a plain form.
(() => {
  "use strict";
  const facets = document.getElementById("facets");
  if (!facets) return;
  const known = new Map();
  facets.addEventListener("toggle", (event) => known.set(event.target.id, event.target.open), true);
  document.addEventListener("htmx:oobAfterSwap", () => {
    for (const [id, open] of [...known]) {
      const fold = document.getElementById(id);
      if (fold) fold.open = open;
    }
  });
})();
