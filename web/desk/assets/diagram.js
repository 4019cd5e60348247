// Draws the process of a case with the steps on which it rests now. The list of
// steps above it says the same in words.
(async () => {
  const box = document.querySelector("[data-diagram]");
  if (!box || !globalThis.BpmnJS) return;

  const answer = await fetch(box.dataset.diagram, { credentials: "same-origin" });
  if (!answer.ok) return;
  const xml = translated(await answer.text(), box.dataset.lang);

  box.hidden = false;
  const viewer = new BpmnJS({ container: box });
  try {
    await viewer.importXML(xml);
  } catch {
    viewer.destroy();
    box.hidden = true;
    return;
  }
  const canvas = viewer.get("canvas");
  const overlays = viewer.get("overlays");
  const registry = viewer.get("elementRegistry");
  canvas.zoom("fit-viewport", "auto");
  for (const id of box.dataset.live.split(" ")) {
    if (!id || !registry.get(id)) continue;
    canvas.addMarker(id, "dk-live");
    const sign = document.createElement("div");
    sign.className = "dk-here";
    sign.textContent = box.dataset.here;
    overlays.add(id, { position: { top: -28, left: 0 }, html: sign });
  }
  document.querySelector("[data-diagram-help]").hidden = false;

  // The drawing's names are Chinese; the English ones stand in tb:name-en. They
  // are longer, so the places of their labels are made wider.
  function translated(xml, lang) {
    if (lang !== "en") return xml;
    const doc = new DOMParser().parseFromString(xml, "application/xml");
    const ns = "https://tongban.org/ns/bpmn";
    for (const el of doc.getElementsByTagName("*")) {
      const name = el.getAttributeNS(ns, "name-en");
      if (name) el.setAttribute("name", name);
    }
    for (const label of doc.getElementsByTagNameNS("*", "BPMNLabel")) widen(label, label.firstElementChild);
    return new XMLSerializer().serializeToString(doc);
  }

  // widen keeps the middle of a shape's label, and the left end of an arrow's.
  function widen(label, bounds) {
    const shape = label.parentElement.localName === "BPMNShape";
    const wide = shape ? 90 : 56;
    const by = wide - Number(bounds?.getAttribute("width"));
    if (!bounds || by <= 0) return;
    bounds.setAttribute("width", wide);
    if (shape) bounds.setAttribute("x", Number(bounds.getAttribute("x")) - by / 2);
  }
})();
