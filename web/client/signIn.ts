const field = document.getElementById('next');
const next = new URLSearchParams(location.search).get('next');
if (field instanceof HTMLInputElement && next) field.value = next;

// Without an import or export TypeScript takes a file for a script that shares its names with every other.
export {};
