from django.conf import settings
from django.db import models

KEY_CHARS = 254  # the longest address; of a longer key the beginning is compared


class AccountKeys(models.Model):
    """The name and the address of an account as they are compared with others."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="keys"
    )
    # In any case, as ``same_in_any_case`` returns it. Null if an older account of the time before
    # this table has it: then the name must be written exactly to sign in.
    name = models.CharField(max_length=KEY_CHARS, null=True, unique=True)
    email = models.CharField(max_length=KEY_CHARS, null=True, unique=True)  # null: has none
    # As people see it: ``look_keys``.
    look = models.CharField(max_length=KEY_CHARS, db_index=True)
    small_look = models.CharField(max_length=KEY_CHARS, db_index=True)

    def __str__(self) -> str:
        return f"keys of account {self.user_id}"
