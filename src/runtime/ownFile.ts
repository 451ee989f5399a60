// A module that is imported on demand only. In a bundle of one file it has the address of whoever imports it, else its own.

export const address = import.meta.url
