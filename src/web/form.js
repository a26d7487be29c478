// The form works without this. With it, what is typed is tried while it is typed.
const form = document.querySelector("form[data-live]");
const zone = document.querySelector("input[name=timezone][data-guess]");
// The reader's own time zone, unless they or the server have put one there already.
if (zone) {
  zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || zone.value;
  const summary = form?.querySelector("[data-schedule]");
  if (summary) summary.textContent = summary.textContent.replace("UTC", zone.value.replaceAll("_", " "));
}

if (form) {
  const interests = form.elements.interests;
  const pause = 350;
  let timer;
  let request;

  const lineOf = (place) => interests.value.slice(0, place).split("\n").length - 1;

  async function refresh() {
    clearTimeout(timer);
    request?.abort();
    request = new AbortController();
    const body = new URLSearchParams(new FormData(form));
    body.delete("email");
    body.set("line", lineOf(interests.selectionEnd));
    try {
      const answer = await fetch("/preview", {
        method: "POST",
        body,
        headers: { "x-parts": "1" },
        signal: request.signal,
      });
      if (!answer.ok) return;
      const parts = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("[data-part]");
      for (const part of parts) {
        const place = document.getElementById(part.id);
        // What has not changed is not said again.
        if (place && place.innerHTML !== part.innerHTML) place.replaceChildren(...part.childNodes);
      }
    } catch {
      // Typing went on, or there is no connection: the form works all the same.
    }
  }

  // What is typed anew is no longer what the server found fault with.
  function unmark(field) {
    if (field.getAttribute("aria-invalid") !== "true") return;
    field.removeAttribute("aria-invalid");
    document.getElementById(`${field.id}-error`)?.remove();
    if (!form.querySelector("[aria-invalid=true]")) form.querySelector("[data-failed]")?.remove();
  }

  form.addEventListener("input", (event) => {
    unmark(event.target);
    if (event.target.name === "email") return;
    clearTimeout(timer);
    timer = setTimeout(refresh, pause);
  });

  // Buttons that change a line stand in the form and in the preview beside it.
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[name=change], button[name=preview]");
    if (!button || button.form !== form) return;
    event.preventDefault();
    if (button.name === "change") {
      const [from, to] = JSON.parse(button.value);
      const lines = interests.value.split("\n");
      const at = from ? lines.findIndex((line) => line.replace(/\p{Cc}/gu, " ").trim() === from) : -1;
      if (at >= 0) lines[at] = to;
      interests.value = (at >= 0 ? lines : [...lines.filter((line) => line.trim()), to]).join("\n");
      unmark(interests);
      interests.focus();
    }
    refresh();
  });
}
