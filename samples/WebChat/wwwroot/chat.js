// The conversation lives here and goes to the server whole, every time: the server reads only what it has not read before.
const turns = [];
const [list, form, text, picture] = ["turns", "ask", "text", "picture"].map(id => document.getElementById(id));

picture.addEventListener("change", () => picture.parentElement.classList.toggle("chosen", picture.files.length > 0));

form.addEventListener("submit", async event => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  const question = { role: "user", text: text.value, picture: picture.files[0] && await dataUri(picture.files[0]) };
  form.reset();
  picture.dispatchEvent(new Event("change"));
  turns.push(question);
  show("user", question.text, question.picture);
  const bubble = show("assistant", "");
  try {
    const answer = await ask(piece => { bubble.append(piece); bubble.scrollIntoView({ block: "end" }); }, bubble);
    turns.push({ role: "assistant", text: answer });
  } catch (problem) {
    turns.pop();                       // it can be asked again
    bubble.classList.add("problem");
    bubble.append(problem.message);
  }
  button.disabled = false;
  text.focus();
});

async function ask(write, bubble) {
  const response = await fetch("/api/chat", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ turns }) });
  if (!response.ok) throw new Error((await response.json()).detail ?? response.statusText);
  let answer = "";
  for await (const { text, read, reused } of events(response.body)) {
    if (text) { answer += text; write(text); }
    if (read != null) {
      const cost = document.createElement("small");
      cost.textContent = `${read} tokens read, ${reused} reused`;
      bubble.append(cost);
    }
  }
  return answer;
}

// Server-sent events over a POST: one JSON object per event.
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const data = part.split("\n").filter(line => line.startsWith("data: ")).map(line => line.slice(6)).join("\n");
      if (data) yield JSON.parse(data);
    }
  }
}

function show(role, text, picture) {
  const bubble = document.createElement("article");
  bubble.className = role;
  if (picture) bubble.append(Object.assign(new Image(), { src: picture, alt: "" }));
  bubble.append(text);
  list.append(bubble);
  bubble.scrollIntoView({ block: "end" });
  return bubble;
}

const dataUri = file => new Promise((resolve, reject) => {
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result);
  reader.onerror = () => reject(reader.error);
  reader.readAsDataURL(file);
});
