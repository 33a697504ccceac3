from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mlmodel", "0001_squashed")]

    operations = [
        # Earlier promotions count as announced: they were recorded in MLflow when they were made.
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
    ]
