"""What a render decides and shares: it joins the rooms below, and knows no Prefect."""
