"""The checks that come before a migration, one file each; nothing else lists them."""
