"""The tables of docs/, written and compared."""
