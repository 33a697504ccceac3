from django.db import migrations, models


def announce_newest_again(apps, schema_editor):
    """Let the next command record the champion in MLflow: promotions in a cluster's admin did not."""
    promotions = apps.get_model("mlmodel", "Promotion").objects
    if newest := promotions.order_by("-pk").first():
        promotions.filter(pk=newest.pk).update(is_announced=False)


class Migration(migrations.Migration):
    dependencies = [("mlmodel", "0001_squashed")]

    operations = [
        migrations.AddField(
            model_name="promotion",
            name="is_announced",
            field=models.BooleanField(db_default=True, default=True, editable=False),
        ),
        migrations.AlterField(
            model_name="promotion",
            name="is_announced",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.RunPython(announce_newest_again, migrations.RunPython.noop, elidable=True),
    ]
