#include "wasi/p1/types.h"

namespace tenon::wasi::p1 {

Error error_from(Errno error) {
  switch (error) {
    case Errno::access: return Error::acces;
    case Errno::would_block: return Error::again;
    case Errno::already: return Error::already;
    case Errno::bad_descriptor: return Error::badf;
    case Errno::busy: return Error::busy;
    case Errno::deadlock: return Error::deadlk;
    case Errno::quota: return Error::dquot;
    case Errno::exist: return Error::exist;
    case Errno::file_too_large: return Error::fbig;
    case Errno::illegal_byte_sequence: return Error::ilseq;
    case Errno::in_progress: return Error::inprogress;
    case Errno::interrupted: return Error::intr;
    case Errno::invalid: return Error::inval;
    case Errno::io: return Error::io;
    case Errno::is_directory: return Error::isdir;
    case Errno::loop: return Error::loop;
    case Errno::too_many_links: return Error::mlink;
    case Errno::message_size: return Error::msgsize;
    case Errno::name_too_long: return Error::nametoolong;
    case Errno::no_device: return Error::nodev;
    case Errno::no_entry: return Error::noent;
    case Errno::no_lock: return Error::nolck;
    case Errno::insufficient_memory: return Error::nomem;
    case Errno::insufficient_space: return Error::nospc;
    case Errno::not_directory: return Error::notdir;
    case Errno::not_empty: return Error::notempty;
    case Errno::not_recoverable: return Error::notrecoverable;
    case Errno::unsupported: return Error::notsup;
    case Errno::no_tty: return Error::notty;
    case Errno::no_such_device: return Error::nxio;
    case Errno::overflow: return Error::overflow;
    case Errno::not_permitted: return Error::perm;
    case Errno::pipe: return Error::pipe;
    case Errno::read_only: return Error::rofs;
    case Errno::invalid_seek: return Error::spipe;
    case Errno::text_file_busy: return Error::txtbsy;
    case Errno::cross_device: return Error::xdev;
    case Errno::too_many_files: return Error::mfile;
  }
  return Error::io;
}

FileType file_type(host::FileType type) {
  switch (type) {
    case host::FileType::block_device: return FileType::block_device;
    case host::FileType::character_device: return FileType::character_device;
    case host::FileType::directory: return FileType::directory;
    case host::FileType::regular_file: return FileType::regular_file;
    case host::FileType::symbolic_link: return FileType::symbolic_link;
    case host::FileType::socket:  // of which kind, nobody says
    case host::FileType::fifo:
    case host::FileType::unknown: break;
  }
  return FileType::unknown;
}

}  // namespace tenon::wasi::p1
