import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.lookalikes import look_keys, same_in_any_case

KEY_CHARS = 254
BATCH = 1_000


def add_keys(apps, schema_editor):
    """Store the keys of all accounts. The oldest of those that share a name or address keeps it."""
    users = apps.get_model("auth", "User").objects.order_by("pk")
    keys = apps.get_model("accounts", "AccountKeys").objects
    names: dict[str, str] = {}
    emails: set[str] = set()
    batch = []
    for pk, username, address in users.values_list("pk", "username", "email").iterator(BATCH):
        name = same_in_any_case(username)[:KEY_CHARS]
        email = same_in_any_case(address)[:KEY_CHARS]
        if name in names:
            shared = f"{username!r} shares its name with {names[name]!r}"
            print(f"\n    {shared}: it must be written exactly to sign in.")  # noqa: T201
        look, small_look = (look[:KEY_CHARS] for look in look_keys(username))
        batch.append(
            keys.model(
                user_id=pk,
                name=None if name in names else name,
                email=None if email in emails else email or None,
                look=look,
                small_look=small_look,
            )
        )
        names.setdefault(name, username)
        emails.add(email)
        if len(batch) == BATCH:
            keys.bulk_create(batch)
            batch = []
    keys.bulk_create(batch)


class Migration(migrations.Migration):
    initial = True

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="AccountKeys",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="keys",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("name", models.CharField(max_length=KEY_CHARS, null=True, unique=True)),
                ("email", models.CharField(max_length=KEY_CHARS, null=True, unique=True)),
                ("look", models.CharField(db_index=True, max_length=KEY_CHARS)),
                ("small_look", models.CharField(db_index=True, max_length=KEY_CHARS)),
            ],
        ),
        migrations.RunPython(add_keys, migrations.RunPython.noop, elidable=True),
    ]
