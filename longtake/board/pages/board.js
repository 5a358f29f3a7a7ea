
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const board = one("#board");
  const index = one("#index");

  // What happens, as it happens --------------------------------------------------------------
  // Parts of pages come from the board, escaped; a template runs nothing of them.
  const parsed = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content.firstElementChild;
  };
  const busy = () =>
    document.querySelector("dialog[open]") ||
    document.querySelector("[data-typed]") ||
    [...document.querySelectorAll("video")].some((video) => !video.paused && !video.loop);
  const again = () => {
    if (!busy()) return location.reload();
    const bar = one("#changed");
    if (bar) bar.hidden = false;
  };

  // A page that nobody sees does not listen: a browser has few connections to one address.
  let events = null;
  const listen = () => {
    if (events || document.hidden) return;
    events = new EventSource(board ? `/live?film=${board.dataset.film}` : "/live");
    events.addEventListener("film", heard);
    events.addEventListener("gone", again);
  };
  const rest = () => (events?.close(), (events = null));
  function heard(event) {
    const part = parsed(JSON.parse(event.data).html);
    if (!part) return again();
    const known = board ? one("#live") : one(`[data-film="${part.dataset.film}"]`);
    if (!known || known.dataset.group !== part.dataset.group) return again();
    if (board && (known.dataset.stamp !== part.dataset.stamp || known.dataset.stored !== part.dataset.stored)) again();
    known.replaceWith(part);
  }
  addEventListener("visibilitychange", () => (document.hidden ? rest() : listen()));
  addEventListener("pagehide", rest);
  listen();

  // Pictures of takes, once they come near -----------------------------------------------------
  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries)
        if (isIntersecting) (target.poster = target.dataset.poster), near.unobserve(target);
    },
    { rootMargin: "600px" },
  );
  for (const video of document.querySelectorAll("video[data-poster]")) near.observe(video);
})();
