"""An upload taken out of the histories of its rows, batch by batch: what DELETE /uploads/{id} calls."""
