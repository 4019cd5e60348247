// Comforts of the desk's lists: j and k go down and up, Enter opens. They work
// only while switched on, so that speech input never meets them by accident.
(() => {
  const rows = [...document.querySelectorAll("[data-row]")];
  const hint = document.querySelector("[data-keys-hint]");
  const button = document.querySelector("[data-keys]");
  if (!rows.length || !hint || !button) return;

  const store = "desk-keys";
  let on = localStorage.getItem(store) !== "off";
  const say = () => { button.textContent = on ? button.dataset.off : button.dataset.on; };
  button.addEventListener("click", () => {
    on = !on;
    localStorage.setItem(store, on ? "on" : "off");
    say();
  });
  say();
  hint.hidden = false;

  document.addEventListener("keydown", (event) => {
    if (!on || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea")) return;
    const step = { j: 1, k: -1 }[event.key];
    if (!step) return;
    const here = rows.indexOf(document.activeElement);
    const next = here < 0 ? 0 : Math.min(Math.max(here + step, 0), rows.length - 1);
    rows[next].focus();
    rows[next].scrollIntoView({ block: "nearest" });
    event.preventDefault();
  });
})();
