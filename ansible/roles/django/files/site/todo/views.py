from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from .forms import ItemForm
from .models import Item

ITEMS_ON_A_PAGE = 50


@require_safe
def items(request):
    return _page(request, ItemForm())


@require_POST
def add(request):
    form = ItemForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    form.save()
    return redirect("items")


@require_POST
def complete(_request, pk):
    get_object_or_404(Item, pk=pk).complete()
    return redirect("items")


@require_POST
def reopen(_request, pk):
    get_object_or_404(Item, pk=pk).reopen()
    return redirect("items")


@require_POST
def delete(_request, pk):
    # Gone already is as good: somebody else was faster.
    Item.objects.filter(pk=pk).delete()
    return redirect("items")


def _page(request, form, status=200):
    page = Paginator(Item.objects.all(), ITEMS_ON_A_PAGE).get_page(request.GET.get("page"))
    open_items = Item.objects.filter(done_at=None).count()
    return render(request, "todo/items.html", {"form": form, "page": page, "open_items": open_items}, status=status)
