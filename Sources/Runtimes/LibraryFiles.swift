package import Natives

/// The files of the libraries that models run in, for those that are to be neither the system's nor the ones beside the
/// Python in use.
package struct LibraryFiles: Sendable, Hashable {
    package var lightGBM: String?
    package var onnxRuntime: String?
    package var xgBoost: String?

    package init(lightGBM: String? = nil, onnxRuntime: String? = nil, xgBoost: String? = nil) {
        self.lightGBM = lightGBM
        self.onnxRuntime = onnxRuntime
        self.xgBoost = xgBoost
    }

    /// The files that the variables of each `LibraryName` name.
    package init(environment: [String: String]) {
        self.init(
            lightGBM: LibraryName.lightGBM.file(in: environment),
            onnxRuntime: LibraryName.onnxRuntime.file(in: environment),
            xgBoost: LibraryName.xgBoost.file(in: environment))
    }
}

extension LibraryName {
    package static let lightGBM = LibraryName(
        title: "LightGBM", fileName: "lib_lightgbm.so", pathBesidePython: "lightgbm/lib/lib_lightgbm.so",
        variable: "MARTLET_LIGHTGBM_LIBRARY", installCommand: "pip install lightgbm")

    /// From 1.19 on its wheel has the library as a file of its own.
    package static let onnxRuntime = LibraryName(
        title: "ONNX Runtime", fileName: "libonnxruntime.so", pathBesidePython: "onnxruntime/capi/libonnxruntime.so.*",
        variable: "MARTLET_ONNXRUNTIME_LIBRARY", installCommand: "pip install onnxruntime")

    /// The wheels `xgboost` and `xgboost-cpu` hold it in the same place.
    package static let xgBoost = LibraryName(
        title: "XGBoost", fileName: "libxgboost.so", pathBesidePython: "xgboost/lib/libxgboost.so",
        variable: "MARTLET_XGBOOST_LIBRARY", installCommand: "pip install xgboost-cpu")

    /// The file that the environment names for this library; nil when it names none.
    fileprivate func file(in environment: [String: String]) -> String? {
        variable.flatMap { environment[$0] }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
