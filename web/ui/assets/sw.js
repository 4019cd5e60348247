// Shows the offline page when there is no network. It keeps nothing else: no
// page of a person's own is ever stored.
const shelf = "tongban-{css}";
const page = "/offline";
addEventListener("install", (event) => {
  event.waitUntil(caches.open(shelf).then((cache) => cache.addAll([page, "{css}", "{seal}"])));
});
addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((n) => n !== shelf).map((n) => caches.delete(n)))));
});
addEventListener("fetch", (event) => {
  const request = event.request;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(page)));
  } else if (["{css}", "{seal}"].includes(new URL(request.url).pathname)) {
    event.respondWith(caches.match(request, { ignoreVary: true }).then((hit) => hit || fetch(request)));
  }
});
