#pragma once

#include "compiler/artifact/artifact.h"
#include "compiler/module_info_archive.h"

// How the metadata section is stored.
namespace tenon::compiler {

template <typename Archive>
void serialize(Archive& ar, ArtifactMetadata& metadata) {
  ar(metadata.modules, metadata.plan);
}

}  // namespace tenon::compiler
