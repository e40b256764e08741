import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDeployment
import SpikeletSupport

extension ModelFile {
  /// Opens a model file, or builds one from a configuration (`.json`, or a deployment's folder).
  ///
  /// - Parameter withoutExit: builds as if the configuration had no exit, calibrated or not.
  package init(contentsOf url: URL, withoutExit: Bool = false) throws {
    if Deployment.isConfiguration(url) {
      let deployment = try Deployment(contentsOf: url)
      let build = try withoutExit ? deployment.buildWithoutExit() : deployment.build()
      try self.init(bytes: build.bytes, name: build.configuration.name)
      return
    }
    do {
      try self.init(contentsOf: url.path)
    } catch let error as FileError {
      throw error.diagnostics("model")
    }
  }
}
