from django.db import migrations, models

VERDICTS = [
    ("none", "No verdict yet"),
    ("rotten", "Rotten"),
    ("mixed", "Half-Baked"),
    ("hot", "Hot"),
    ("certified_hot", "Certified Hot"),
]


class Migration(migrations.Migration):
    """Keep the verdict in a new column, which the previous version does not read.

    The migration of the same name in reviews fills it.
    """

    dependencies = [("movies", "0001_squashed")]

    operations = [
        migrations.RemoveIndex(model_name="movie", name="movies_movi_verdict_b23d2d_idx"),
        # With the column's name written out, the field can be renamed and the column stays.
        migrations.AlterField(
            model_name="movie",
            name="verdict",
            field=models.CharField(
                max_length=13, default="none", editable=False, db_column="verdict"
            ),
        ),
        migrations.RenameField(model_name="movie", old_name="verdict", new_name="binary_verdict"),
        migrations.AlterField(
            model_name="movie",
            name="binary_verdict",
            field=models.CharField(
                max_length=13,
                default="none",
                db_default="none",
                editable=False,
                db_column="verdict",
            ),
        ),
        migrations.AddField(
            model_name="movie",
            name="verdict",
            field=models.CharField(
                verbose_name="verdict",
                max_length=13,
                choices=VERDICTS,
                default="none",
                db_default="none",
                editable=False,
                db_column="current_verdict",
            ),
        ),
        migrations.AddIndex(
            model_name="movie",
            index=models.Index(fields=["verdict"], name="movies_movi_current_fcc427_idx"),
        ),
    ]
