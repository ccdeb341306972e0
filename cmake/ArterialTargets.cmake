# Functions that make the libraries of the layers and the record of how they were built.

# art_layer(<folder> [EXCLUDE files] [EXTRA files] [PUBLIC libs] [PRIVATE libs])
# One static library arterial::<folder> from all of <folder>/**/*.c. Sources that end in _avx2.c or _avx512.c are
# compiled for that instruction set (the caller chooses at run time by CPUID); all else is baseline.
function(art_layer name)
  cmake_parse_arguments(arg "" "" "EXCLUDE;EXTRA;PUBLIC;PRIVATE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}" "${CMAKE_SOURCE_DIR}/${name}/*.c")
  if(arg_EXCLUDE)
    list(REMOVE_ITEM sources ${arg_EXCLUDE})
  endif()
  foreach(source IN LISTS sources)
    if(source MATCHES "_avx2\\.c$")
      set_source_files_properties("${source}" PROPERTIES COMPILE_OPTIONS "-mavx2")
    elseif(source MATCHES "_avx512\\.c$")
      set_source_files_properties("${source}" PROPERTIES COMPILE_OPTIONS
        "-mavx512f;-mavx512bw;-mavx512dq;-mavx512vl;-mprefer-vector-width=512")
    endif()
  endforeach()
  if(sources)
    add_library(art_${name} STATIC ${sources} ${arg_EXTRA})
    target_link_libraries(art_${name} PUBLIC ${arg_PUBLIC} PRIVATE arterial::flags ${arg_PRIVATE})
  else()
    add_library(art_${name} INTERFACE)
    target_link_libraries(art_${name} INTERFACE ${arg_PUBLIC})
  endif()
  add_library(arterial::${name} ALIAS art_${name})
endfunction()

# Writes generated/build.c (version, commit, compiler, flags) at every build, touching it only when it changes.
function(art_build_info)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  get_target_property(options art_flags INTERFACE_COMPILE_OPTIONS)
  string(REPLACE ";" " " options "${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${type}} ${options}")
  string(STRIP "${options}" options)
  set(command "${CMAKE_COMMAND}" "-Dsource=${CMAKE_SOURCE_DIR}" "-Doutput=${CMAKE_BINARY_DIR}/generated/build.c"
    "-Dversion=${PROJECT_VERSION}" "-Dcompiler=${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}"
    "-Dflags=${options}" "-Dtype=${CMAKE_BUILD_TYPE}" "-Dmpi=${ARTERIAL_MPI}"
    -P "${CMAKE_SOURCE_DIR}/cmake/build_info.cmake")
  execute_process(COMMAND ${command} COMMAND_ERROR_IS_FATAL ANY)
  add_custom_target(art_build_record COMMAND ${command} BYPRODUCTS "${CMAKE_BINARY_DIR}/generated/build.c" VERBATIM)
  add_dependencies(art_core art_build_record)
endfunction()
