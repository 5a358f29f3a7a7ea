
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const stamp = one("meta[name=longtake-board]").content;
  const say = (element, text) => {
    element.textContent = text;
    element.hidden = !text;
  };

  // Everything that is sent carries the page's stamp; what comes back is data, or what went wrong.
  async function post(path, content) {
    let answer;
    try {
      answer = await fetch(path, {
        method: "POST",
        headers: { "content-type": "application/json", "x-longtake-board": stamp },
        body: JSON.stringify(content),
      });
    } catch {
      throw Object.assign(new Error("the board does not answer: is it still there?"), { status: 0 });
    }
    const kind = answer.headers.get("content-type") || "";
    const said = kind.startsWith("application/json") ? await answer.json() : { error: await answer.text() };
    if (!answer.ok) throw Object.assign(new Error(said.error), { status: answer.status });
    return said;
  }
  const typed = (element, on) => (on ? (element.dataset.typed = "") : delete element.dataset.typed);
  const leave = () => {
    for (const element of all("[data-typed]")) typed(element, false);
    location.reload();
  };
  for (const button of all("[data-reload]")) button.addEventListener("click", leave);

  // Asking once, with the price ------------------------------------------------------------
  const ask = one("#ask");
  const FREE = new Set(["lock", "unlock"]);
  let pending = null;

  async function begin(button) {
    const action = { do: button.dataset.action, takes: JSON.parse(button.dataset.takes || "[]") };
    pending = { action, button };
    say(one("#ask-wrong"), "");
    if (FREE.has(action.do)) return act(action).catch(wrongly);
    one("#ask-title").textContent = button.dataset.ask;
    one("#ask-note").hidden = !("note" in button.dataset);
    one("#ask-note textarea").value = "";
    await priced();
    ask.showModal();
  }

  async function priced() {
    const { action } = pending;
    const line = one("#ask-price");
    try {
      const price = await post("price", action);
      action.usd_at_most = price.usd_at_most;
      line.textContent = price.says;
      one("#ask-yes").textContent = action.do === "retake" || action.do === "heal" || action.do === "render" ? "Render now" : "Yes";
      one("#ask-yes").disabled = false;
    } catch (error) {
      line.textContent = "";
      one("#ask-yes").disabled = true;
      say(one("#ask-wrong"), error.message);
    }
  }

  async function act(action) {
    await post("do", action);
    leave();
  }
  function wrongly(error) {
    if (!ask.open) {
      one("#ask-title").textContent = "That was not done";
      one("#ask-price").textContent = "";
      one("#ask-note").hidden = true;
      one("#ask-yes").disabled = true;
      ask.showModal();
    }
    say(one("#ask-wrong"), error.message);
    if (error.status === 409 && !one("#ask-yes").disabled) return priced(); // asked again
  }

  if (ask) {
    one("#ask-yes").addEventListener("click", async () => {
      const { action } = pending;
      action.note = one("#ask-note textarea").value;
      one("#ask-yes").disabled = true;
      try {
        await act(action);
      } catch (error) {
        one("#ask-yes").disabled = error.status !== 409;
        wrongly(error);
      }
    });
    one("#ask-no").addEventListener("click", () => ask.close());
    addEventListener("click", (event) => {
      const button = event.target.closest?.("[data-action]");
      if (button) begin(button);
    });
    addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      if (event.target.closest?.("input, textarea, select")) return;
      const action = { x: "retake", l: "lock" }[event.key];
      one(`.seam:not([hidden]) [data-action="${action}"]`)?.click();
    });
  }

  // The question of a paused render ----------------------------------------------------------
  const question = one("#question");
  if (question) {
    const about = question.dataset.about;
    const boxes = all("[data-take]", question);
    const take = (box) => JSON.parse(box.dataset.take);
    const note = () => one("#answer-note").value;
    const again = one("#answer-again");
    const wrong = (error) => {
      say(one("#answer-wrong"), error.message);
      if (error.status === 409) say(one("#answer-wrong"), `${error.message}. The page is read again.`), setTimeout(leave, 2500);
    };
    let action = null;
    async function chosen() {
      const marked = boxes.filter((box) => box.checked).map(take);
      typed(question, marked.length > 0);
      again.disabled = true;
      one("#answer-approve").disabled = marked.length > 0;
      one("#answer-price").textContent = "";
      action = marked.length ? { do: "reject", about, takes: marked } : null;
      if (!action) return (again.textContent = "Take again");
      const mine = action;
      try {
        const price = await post("price", mine);
        if (action !== mine) return;
        mine.usd_at_most = price.usd_at_most;
        one("#answer-price").textContent = price.says;
        again.textContent = `Take again for ${price.usd_at_most.toFixed(2)} USD`;
        again.disabled = false;
      } catch (error) {
        wrong(error);
      }
    }
    for (const box of boxes) box.addEventListener("change", chosen);
    one("#answer-note").addEventListener("input", () => typed(one("#answer-note"), note() !== ""));
    const answer = async (button, content) => {
      button.disabled = true;
      try {
        await post("do", { ...content, note: note() });
        leave();
      } catch (error) {
        wrong(error);
        chosen();
      }
    };
    one("#answer-approve").addEventListener("click", (event) =>
      answer(event.currentTarget, { do: "approve", about, takes: boxes.map(take) }),
    );
    again.addEventListener("click", (event) => answer(event.currentTarget, action));
  }

  // The storyboard, and its plan at once -----------------------------------------------------
  const editor = one("#storyboard");
  if (editor) {
    const planned = one("#planned");
    const reasons = one("#reasons");
    const reason = (name, why) => {
      const line = document.createElement("li");
      const head = document.createElement("b");
      head.textContent = name;
      line.append(head, ` ${why}`);
      return line;
    };
    const areas = all("textarea[data-place]", editor);
    const changed = () => areas.filter((area) => area.value !== area.defaultValue);
    const edit = () => ({
      sha256: editor.dataset.sha256,
      texts: Object.fromEntries(changed().map((area) => [area.dataset.place, area.value])),
    });
    const buttons = ["#save", "#save-render"].map((id) => one(id));
    let waiting = 0;
    let asked = 0;
    let plan = null;
    async function foresee() {
      const mine = ++asked;
      const on = changed().length > 0;
      typed(editor, on);
      for (const button of buttons) button.disabled = true;
      reasons.replaceChildren();
      if (!on) return (planned.textContent = "Nothing was changed yet.");
      try {
        const found = await post("plan", edit());
        if (mine !== asked) return;
        plan = found;
        const price = `${found.usd_at_most.toFixed(2)} USD${found.emulated ? " (emulated: nothing is paid)" : ""}`;
        planned.textContent = found.made.length
          ? `${found.made.length} clip${found.made.length > 1 ? "s" : ""} made again for up to ${price}; ${found.kept} stay as they are.`
          : `All ${found.kept} clips stay as they are; nothing is to be paid.`;
        reasons.replaceChildren(...found.made.map((name) => reason(name, found.why[name])));
        buttons[1].textContent = `Save and render (${found.usd_at_most.toFixed(2)} USD)`;
        for (const button of buttons) button.disabled = false;
      } catch (error) {
        if (mine === asked) planned.textContent = error.message;
      }
    }
    editor.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(foresee, 350);
    });
    const save = async (event, then) => {
      for (const button of buttons) button.disabled = true;
      const agreed = plan;
      try {
        await post("save", edit());
        if (then) await post("do", { do: "render", usd_at_most: agreed.usd_at_most });
        leave();
      } catch (error) {
        planned.textContent = error.message;
      }
    };
    one("#save").addEventListener("click", (event) => save(event, false));
    one("#save-render").addEventListener("click", (event) => save(event, true));
  }

  // Beginning a render -----------------------------------------------------------------------
  const form = one("#begin");
  if (form) {
    const asks = one("#begin-asks");
    const wrong = (error) => say(one("#begin-wrong"), error.message);
    let beginning = null;
    const price = async () => {
      say(one("#begin-wrong"), "");
      beginning = {
        storyboard: one("#begin-storyboard").value,
        approve: one("#begin-approve").value,
        emulated: one("#begin-emulated").checked,
      };
      try {
        const said = await post("/begin/price", beginning);
        beginning.usd_at_most = said.usd_at_most;
        one("#begin-price").textContent = said.says;
        one("#begin-yes").textContent = `Begin, for ${said.usd_at_most.toFixed(2)} USD at most`;
        asks.hidden = false;
        typed(form, true);
      } catch (error) {
        asks.hidden = true;
        wrong(error);
      }
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      price();
    });
    one("#begin-no").addEventListener("click", () => ((asks.hidden = true), typed(form, false)));
    one("#begin-yes").addEventListener("click", async (event) => {
      const button = event.currentTarget;
      button.disabled = true;
      button.textContent = "The render begins…";
      try {
        const said = await post("/begin", beginning);
        typed(form, false);
        location.assign(said.film);
      } catch (error) {
        button.disabled = false;
        wrong(error);
        if (error.status === 409) await price();
        wrong(error);
      }
    });
  }
})();
