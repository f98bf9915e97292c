"""After a restore: nothing is paid or signed until what happened since the backup is known again."""
