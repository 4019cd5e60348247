// While a rule is typed, what it would change is asked for anew. Without this
// script the button does the same for the whole page.
(() => {
  const form = document.querySelector("[data-draft]");
  if (!form) return;
  const result = form.querySelector("[data-result]");
  const said = form.querySelector("[data-said]");
  const pause = 250; // milliseconds without a key
  let timer, asked;

  const mark = () => {
    const wrong = new Set([...result.querySelectorAll("[data-wrong]")].map((e) => e.dataset.wrong));
    for (const field of form.querySelectorAll("textarea")) {
      const bad = wrong.has(field.id);
      field.classList.toggle("govuk-textarea--error", bad);
      field.toggleAttribute("aria-invalid", bad);
      if (bad) field.setAttribute("aria-invalid", "true");
    }
    // what the page said of an earlier text is no longer true
    for (const old of document.querySelectorAll(".govuk-error-summary, .dk-draft__rules .govuk-error-message")) old.remove();
    for (const group of form.querySelectorAll(".govuk-form-group--error")) group.classList.remove("govuk-form-group--error");
  };

  const ask = async () => {
    if (asked) asked.abort();
    const mine = asked = new AbortController();
    result.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams(new FormData(form)), signal: mine.signal });
      if (!answer.ok || answer.redirected) return; // the button says why
      result.innerHTML = await answer.text();
      mark();
      const say = result.querySelector("[data-say]");
      said.textContent = say ? say.textContent : "";
    } catch (error) {
      if (error.name !== "AbortError") return; // offline: the last answer stays, the button says why
    } finally {
      if (mine === asked) result.setAttribute("aria-busy", "false");
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, pause);
  });
})();
