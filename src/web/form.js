// The reader's own time zone, unless they or the server have put one there already.
const zone = document.querySelector("input[name=timezone][data-guess]");
if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || zone.value;
