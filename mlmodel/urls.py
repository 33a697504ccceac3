from django.urls import path

from mlmodel.pages import views

app_name = "mlmodel"
urlpatterns = [
    path("try/", views.TryPage.as_view(), name="try"),
    path("model/", views.ModelPage.as_view(), name="model"),
    path("model/drift/", views.DriftPage.as_view(), name="drift"),
    path("model/releases/", views.ReleasesPage.as_view(), name="releases"),
]
