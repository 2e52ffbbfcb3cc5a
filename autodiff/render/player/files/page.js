// The page: the player, with the trace that stands in it as JSON for its model.
const found = { data: JSON.parse(document.getElementById("trace").textContent), page: true };
player.render({ model: { get: (name) => found[name] }, el: document.getElementById("player") });
