const field = document.getElementById('next');
const next = new URLSearchParams(location.search).get('next');
if (field instanceof HTMLInputElement && next) field.value = next;
