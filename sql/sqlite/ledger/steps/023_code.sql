-- The stable code of what refused or stopped an upload; NULL where none did, and where that may pass.
ALTER TABLE uploads
ADD COLUMN code TEXT
