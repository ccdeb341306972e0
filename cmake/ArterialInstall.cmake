# cmake --install: program, tools, job scripts, headers and libraries with arterial.pc, scenarios, documentation.
include(GNUInstallDirs)

install(TARGETS arterial RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")

# Tools that need no source tree, with the Python modules beside them.
set(art_tools arterial_pipe.py arterial_plots.py arterial_results.py assign_drivers compare_sumo fit_plan observe_truth
  perturb_demand plot_approach plot_city plot_compare plot_driver_fit plot_fundamental_diagram plot_junction plot_map
  plot_signals sumo_reference)
list(TRANSFORM art_tools PREPEND "${CMAKE_SOURCE_DIR}/scripts/")
set(art_data "${CMAKE_INSTALL_DATADIR}/arterial")
install(PROGRAMS ${art_tools} DESTINATION "${art_data}/scripts")
install(DIRECTORY "${CMAKE_SOURCE_DIR}/scripts/slurm" "${CMAKE_SOURCE_DIR}/scripts/pbs" DESTINATION "${art_data}/scripts"
  USE_SOURCE_PERMISSIONS PATTERN "__pycache__" EXCLUDE)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/scenarios/library" DESTINATION "${art_data}")
if(TARGET bench_messages)
  install(PROGRAMS $<TARGET_FILE:bench_messages> DESTINATION "${art_data}/scripts")  # for fit_plan
endif()

# Headers keep their places: includes are paths from the root, also in controllers that users write.
foreach(layer core models io scenarios)
  install(DIRECTORY "${CMAKE_SOURCE_DIR}/${layer}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/arterial"
    FILES_MATCHING PATTERN "*.h" PATTERN "*_internal.h" EXCLUDE)
  get_target_property(type art_${layer} TYPE)
  if(type STREQUAL STATIC_LIBRARY)
    install(TARGETS art_${layer} ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  endif()
endforeach()

install(FILES "${CMAKE_SOURCE_DIR}/README.md" "${CMAKE_SOURCE_DIR}/LICENSE" "${CMAKE_SOURCE_DIR}/CONTRIBUTING.md"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY "${CMAKE_SOURCE_DIR}/docs" DESTINATION "${CMAKE_INSTALL_DOCDIR}")

# The libraries are static, so whoever links them links what they use.
set(art_pc_requires proj yaml-0.1 expat zlib jansson nlopt gsl)
if(ART_deflate_FOUND)
  list(APPEND art_pc_requires libdeflate)
endif()
if(ART_hdf5_FOUND)
  list(APPEND art_pc_requires "${ART_hdf5_MODULE_NAME}")
endif()
list(JOIN art_pc_requires " " art_pc_requires)
set(art_pc_libs "${ART_geos_LIBRARY}" "${ART_csv_LIBRARY}" "${ART_metis_LIBRARY}"
  ${OpenMP_C_LIBRARIES} -lm ${CMAKE_DL_LIBS})
if(ARTERIAL_MPI)
  list(APPEND art_pc_libs ${MPI_C_LIBRARIES})
endif()
list(TRANSFORM art_pc_libs REPLACE "^dl$" "-ldl")
list(JOIN art_pc_libs " " art_pc_libs)
if(ARTERIAL_MPI)
  set(art_pc_mpi yes)
else()
  set(art_pc_mpi no)
endif()
# From the place of the file, so that `cmake --install --prefix` and moved trees work.
file(RELATIVE_PATH art_pc_up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" art_pc_up "${art_pc_up}")
configure_file("${CMAKE_SOURCE_DIR}/cmake/arterial.pc.in" "${CMAKE_BINARY_DIR}/arterial.pc" @ONLY)
install(FILES "${CMAKE_BINARY_DIR}/arterial.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
