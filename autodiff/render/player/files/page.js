// The page: the player, with the JSON of the trace in the page as its model.
const found = { data: JSON.parse(document.getElementById("trace").textContent), page: true };
player.render({ model: { get: (name) => found[name] }, el: document.getElementById("player") });
