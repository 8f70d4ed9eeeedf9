extension WorkerScript {
    /// What is known of the estimators that a model keeps.
    static let estimators = #"""
        def estimator(model):
            """What a flavour keeps whose wrapper adds nothing to the data; None for all other flavours."""
            module = model.metadata.flavors.get("python_function", {}).get("loader_module")
            if module not in {"mlflow.sklearn", "mlflow.lightgbm", "mlflow.xgboost", "mlflow.catboost"}:
                return None
            raw = getattr(model._model_impl, "get_raw_model", None)
            return raw() if raw else None


        # Modules of scikit-learn whose estimators answer each row by itself, whatever other rows they are asked about.
        ROW_WISE = (
            "calibration", "compose", "decomposition._incremental_pca", "decomposition._pca", "decomposition._truncated_svd",
            "discriminant_analysis", "dummy", "ensemble", "feature_selection", "gaussian_process", "impute._base", "isotonic",
            "kernel_approximation", "kernel_ridge", "linear_model", "model_selection", "multiclass", "multioutput",
            "naive_bayes", "neighbors", "neural_network", "pipeline", "preprocessing", "svm", "tree",
        )
        # Those that begin by taking a table for the array of its cells.
        TAKES_ARRAYS = (
            "decomposition._pca", "discriminant_analysis", "ensemble._forest", "ensemble._gb", "impute._base", "linear_model",
            "naive_bayes", "neural_network", "preprocessing._data", "svm", "tree",
        )


        def is_row_wise(model):
            """Whether nothing but estimators of the modules above, and gradient boosted trees, has a part in the answer. A
            function or class of the model's own might do anything."""
            import numpy

            root = estimator(model)
            seen, left = set(), [root]
            while left:
                part = left.pop()
                if id(part) in seen or part is None or isinstance(part, (bool, int, float, complex, str, bytes, slice, range)):
                    continue
                seen.add(id(part))
                if isinstance(part, (list, tuple, set, frozenset)):
                    left.extend(part)
                elif isinstance(part, dict):
                    left.extend(part.values())
                elif isinstance(part, numpy.ndarray):
                    left.extend(part.flat if part.dtype == object else ())
                elif not is_known(part):
                    return False
                elif type(part).__module__.startswith("sklearn."):
                    left.extend(getattr(part, "__dict__", {}).values())
            return root is not None


        def is_known(part):
            import numpy

            if isinstance(part, numpy.ufunc):
                return True
            # A function or a class says where it is from itself.
            module = (part if hasattr(part, "__name__") else type(part)).__module__ or ""
            if hasattr(part, "get_params") and module.startswith("sklearn."):
                random = type(part).__name__ == "DummyClassifier" and part.strategy in {"stratified", "uniform"}
                own = type(part).__name__ == "FunctionTransformer" and not isinstance(part.func, (numpy.ufunc, type(None)))
                return comes_from(part, ROW_WISE) and not random and not own
            libraries = {"builtins", "catboost", "lightgbm", "numpy", "pandas", "scipy", "sklearn", "xgboost"}
            return module.split(".")[0] in libraries


        def comes_from(part, modules):
            module = type(part).__module__ + "."
            return any(module.startswith(f"sklearn.{name}.") for name in modules)


        def cells_predict(model, names):
            """Predicts from an array of cells what the model predicts from the table that holds them, without the half of a
            millisecond that scikit-learn takes to make one of the other. None for a model that may look at the table itself."""
            import sklearn

            if direct_predict(model) is None or not is_row_wise(model):
                return None
            whole = estimator(model)
            steps = list(getattr(whole, "steps", [("", whole)]))
            name, first = steps[0]
            chooses_output = sklearn.get_config()["transform_output"] != "default" or any(
                hasattr(part, "_sklearn_output_config") for _, part in steps)
            if not comes_from(first, TAKES_ARRAYS) or chooses_output:
                return None
            if list(getattr(first, "feature_names_in_", names)) != list(names):
                return None
            first = copy.copy(first)
            # The names have just been compared; an array has none.
            vars(first).pop("feature_names_in_", None)
            if whole is not steps[0][1]:
                whole = copy.copy(whole)
                whole.steps = [(name, first), *steps[1:]]
            else:
                whole = first
            predict = getattr(whole, model.metadata.flavors["python_function"].get("predict_fn", "predict"))
            return predict if agree(direct_predict(model), predict, names) else None


        def agree(predict_table, predict_cells, names):
            """Whether both predict the same in every bit, for rows together and for one alone."""
            import numpy
            import pandas

            numbers = numpy.random.default_rng(0)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    for rows in (5, 1):
                        cells = numbers.normal(size=(len(names), rows)).T
                        ours, theirs = predict_cells(cells), predict_table(pandas.DataFrame(cells, columns=names))
                        if type(ours) is not type(theirs) or ours.dtype != theirs.dtype or ours.tolist() != theirs.tolist():
                            return False
            except Exception:
                return False
            return True
        """#
}
