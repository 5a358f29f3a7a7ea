
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const film = one("#film-player");
  const reel = one("#reel");
  const viewer = one("#viewer");
  const list = one("#seam-list");
  const MODES = all("#viewer [data-mode]").map((button) => button.dataset.mode);
  const SLOW = 0.25;

  let current = null; // the seam's article that is shown
  let treatment = "after";
  let whole = false; // the reel plays through instead of looping over one seam
  let active = "film"; // what the space bar plays

  const pressed = (button, on) => button && button.setAttribute("aria-pressed", String(on));
  const play = (video) => video.play().catch(() => {}); // a file that is gone tells so elsewhere
  const toggle = (video) => (video.paused ? play(video) : video.pause());
  const show = (element) =>
    element.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  const within = (element) => {
    const box = element.getBoundingClientRect();
    return box.top >= 0 && box.bottom <= innerHeight;
  };

  // The film ---------------------------------------------------------------------------------
  function seek(seconds, { playing = false } = {}) {
    if (!film) return;
    active = "film";
    reel?.pause();
    film.currentTime = seconds;
    if (playing) play(film);
    if (!within(film)) show(one("#film"));
  }

  function followFilm() {
    const at = film.currentTime;
    if (film.duration) one(".playhead").style.left = `${(100 * at) / film.duration}%`;
    for (const button of all("#chapters button")) {
      const here = at >= +button.dataset.seek - 0.01 && at < +button.dataset.end - 0.01;
      if (here) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }

  // Seams ------------------------------------------------------------------------------------
  const order = () => all("li", list).map((item) => one(`#seam-${item.dataset.number}`));
  const momentOf = (seam, which) => {
    const [begin, seconds, join] = (seam.dataset[which] || "").split(" ").map(Number);
    return join === undefined ? null : { begin, end: begin + seconds, seconds, join };
  };
  const moment = () => current && (momentOf(current, treatment) || momentOf(current, "after"));

  function select(seam, { follow = true } = {}) {
    if (!seam) return;
    current = seam;
    for (const each of all(".seam")) each.hidden = each !== seam;
    for (const button of all("button", list)) {
      const here = button.dataset.seam === seam.dataset.number;
      if (here) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      if (here) reveal(button);
    }
    const both = momentOf(seam, "before") && momentOf(seam, "after");
    if (one("#treatment")) one("#treatment").hidden = !both;
    if (!both && !whole) treatment = "after";
    pressed(one("#treatment"), treatment === "before");
    if (!follow) return;
    active = "seam";
    whole = false;
    one("#told").textContent = one("h3", seam).textContent;
    if (reel) {
      reel.currentTime = moment()?.begin ?? 0;
      caption();
    }
  }

  function reveal(button) {
    // Only the list is scrolled: the page stays where the eyes are.
    const box = list.getBoundingClientRect();
    const its = button.getBoundingClientRect();
    if (its.top < box.top) list.scrollTop += its.top - box.top;
    if (its.bottom > box.bottom) list.scrollTop += its.bottom - box.bottom;
  }

  function step(by) {
    const seams = order();
    const next = seams[seams.indexOf(current) + by];
    if (next) select(next);
    if (!within(one(".tools", viewer))) show(viewer);
    film?.pause();
  }

  function setMode(mode) {
    viewer.dataset.mode = mode;
    for (const button of all("#viewer .tools [data-mode]")) pressed(button, button.dataset.mode === mode);
    if (mode === "motion") replay();
    else reel?.pause();
    active = "seam";
  }

  function replay() {
    const part = moment();
    whole = false;
    if (!part) return;
    reel.currentTime = part.begin;
    play(reel);
  }

  function playAll() {
    if (!reel) return;
    setMode("motion");
    whole = true;
    reel.currentTime = 0;
    play(reel);
  }

  function playSeam() {
    if (!reel || !moment()) return;
    if (viewer.dataset.mode !== "motion") setMode("motion");
    else toggle(reel);
  }

  function setTreatment(which) {
    if (!current || !momentOf(current, "before")) return;
    treatment = which;
    pressed(one("#treatment"), which === "before");
    setMode("motion");
  }

  function caption() {
    const part = moment();
    if (!part) return (one("#caption").textContent = "This seam is not in the reel.");
    const how = momentOf(current, "before")
      ? treatment === "before" ? " · before correction" : " · corrected, as in the film"
      : "";
    one("#caption").textContent = one("h3", current).textContent + how;
    const share = (at) => `${Math.min(100, Math.max(0, (100 * (at - part.begin)) / part.seconds))}%`;
    one(".moment .at").style.width = share(reel.currentTime);
    one(".moment .join").style.left = share(part.join);
  }

  function followReel() {
    const at = reel.currentTime;
    const part = moment();
    if (whole) {
      for (const seam of all(".seam")) {
        for (const which of ["before", "after"]) {
          const each = momentOf(seam, which);
          if (!each || at < each.begin || at >= each.end) continue;
          if (seam !== current || which !== treatment) {
            treatment = which;
            select(seam, { follow: false });
          }
        }
      }
    } else if (part && (at >= part.end - 0.02 || at < part.begin - 0.02)) {
      reel.currentTime = part.begin;
    }
    caption();
    if (!reel.paused) requestAnimationFrame(followReel);
  }

  function reorder() {
    const button = one("#order");
    const byFilm = button.getAttribute("aria-pressed") !== "true";
    pressed(button, byFilm);
    list.classList.toggle("by-film", byFilm);
    const items = all("li", list);
    items.forEach((item, at) => (item.dataset.rank ??= at));
    items.sort((a, b) => (byFilm ? a.dataset.number - b.dataset.number : a.dataset.rank - b.dataset.rank));
    list.append(...items);
  }

  function followHash() {
    const seam = location.hash.startsWith("#seam-") && one(location.hash);
    if (!seam || !seam.classList.contains("seam")) return;
    select(seam);
    viewer.scrollIntoView({ block: "start" });
    viewer.focus({ preventScroll: true });
  }

  // Takes ------------------------------------------------------------------------------------
  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries)
        if (isIntersecting && target.preload === "none") target.preload = "metadata";
    },
    { rootMargin: "400px" },
  );
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) target.pause();
        else if (takesPlay()) play(target);
      }
    },
    { threshold: 0.6 },
  );
  const takesPlay = () => one("#takes").getAttribute("aria-pressed") === "true";
  function setTakes(on) {
    pressed(one("#takes"), on);
    for (const video of all(".take video")) {
      seen.unobserve(video);
      if (on) seen.observe(video);
      else video.pause();
    }
  }

  function inStep(clip) {
    // All takes of a clip from its first frame on, so that the eye can go from one to the other.
    const videos = all(".take video", clip);
    const button = one("[data-step]", clip);
    const on = button.getAttribute("aria-pressed") !== "true";
    pressed(button, on);
    if (!on) return videos.forEach((video) => video.pause());
    videos.forEach((video) => {
      seen.unobserve(video);
      video.currentTime = 0;
      play(video);
    });
    follow(videos);
  }
  const APART = 0.06; // a frame at 16 fps: further apart than that is seen
  function follow([first, ...others]) {
    for (const video of others)
      if (Math.abs(video.currentTime - first.currentTime) > APART && !video.seeking)
        video.currentTime = first.currentTime;
    if (!first.paused) setTimeout(() => follow([first, ...others]), 400);
  }
  const clipInView = () => all(".clip").find((clip) => one("[data-step]", clip) && within(one("[data-step]", clip)));

  // Hands ------------------------------------------------------------------------------------
  const help = one("#help");
  const KEYS = {
    j: () => step(1), ArrowRight: () => step(1), k: () => step(-1), ArrowLeft: () => step(-1),
    " ": () => (active === "seam" ? playSeam() : film && toggle(film)),
    m: () => setMode(MODES[(MODES.indexOf(viewer.dataset.mode) + 1) % MODES.length]),
    b: () => setTreatment(treatment === "before" ? "after" : "before"),
    s: () => one("#slow")?.click(),
    r: () => (playAll(), show(viewer)),
    o: () => reorder(),
    f: () => film && (seek(film.currentTime), show(one("#film"))),
    t: () => setTakes(!takesPlay()),
    c: () => clipInView() && inStep(clipInView()),
    "?": () => (help.open ? help.close() : help.showModal()),
  };
  const SEAM_KEYS = new Set(["j", "k", "m", "b", "s", "r", "o", "ArrowRight", "ArrowLeft"]);

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (help.open && event.key !== "?") return;
    // What has the focus comes first: a slider its arrows, a button or a player its space bar.
    const own = event.target.closest?.("input, video, button, summary, a, textarea, select");
    if (own?.matches("textarea, select, input:not([type=range])")) return;
    if (own?.matches("input, video") && /^(Arrow|Home|End| )/.test(event.key)) return;
    if (own && event.key === " ") return;
    if (!viewer && SEAM_KEYS.has(event.key)) return;
    if (/^[1-9]$/.test(event.key) && viewer) {
      const seam = one(`#seam-${event.key}`);
      if (seam) select(seam), step(0);
      return;
    }
    if (!KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key]();
  });

  addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    if ("seek" in button.dataset) seek(+button.dataset.seek);
    if ("watch" in button.dataset) seek(Math.max(0, +button.dataset.watch - 1), { playing: true });
    if ("seam" in button.dataset) select(one(`#seam-${button.dataset.seam}`)), step(0);
    if ("mode" in button.dataset) setMode(button.dataset.mode);
    if (button.matches(".box")) toggle(one("video", button));
    if ("step" in button.dataset) inStep(button.closest(".clip"));
    // A mouse leaves no focus behind, so that the space bar plays what was chosen with it.
    if (event.detail && button.closest(".list, .strip, .tools")) button.blur();
  });
  const press = (id, act) => one(id)?.addEventListener("click", act);
  press("#help-open", () => help.showModal());
  press("#reel-all", playAll);
  press("#order", reorder);
  press("#takes", () => setTakes(!takesPlay()));
  press("#treatment", () => setTreatment(treatment === "before" ? "after" : "before"));
  press("#slow", (event) => {
    const slow = event.currentTarget.getAttribute("aria-pressed") !== "true";
    pressed(event.currentTarget, slow);
    reel.playbackRate = slow ? SLOW : 1;
  });
  for (const range of all(".pair input"))
    range.addEventListener("input", () =>
      range.parentElement.style.setProperty("--split", `${range.value}%`),
    );

  for (const video of [film, reel])
    video?.addEventListener("error", () => (video.nextElementSibling.hidden = false));
  film?.addEventListener("timeupdate", followFilm);
  film?.addEventListener("play", () => (active = "film"));
  reel?.addEventListener("play", () => (film?.pause(), requestAnimationFrame(followReel)));
  reel?.addEventListener("seeked", () => current && caption());
  reel?.addEventListener("ended", () => whole || replay());
  addEventListener("hashchange", followHash);

  if (viewer) select(order()[0]);
  active = "film";
  if (film) followFilm();
  for (const video of all(".take video")) near.observe(video);
  setTakes(!calm);
  followHash();
})();
